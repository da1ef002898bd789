"""A real Kubernetes, with real pods, on an ordinary Debian 12 machine: no Docker, no registry, no virtual machine.

`python3 -m cluster up` builds the programs (once), and starts a control plane and a node in a network namespace of
their own, which has no way out. Only the standard library is used: it runs before anything of ours is installed. It
needs root.
"""
