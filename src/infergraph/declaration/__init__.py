"""What the user declares: the types of a SeldonDeployment, defaults, validation.

Belongs here: the manifest as immutable types, reading it from YAML or JSON, its rules, its defaults. All pure: the
same manifest gives the same result on a laptop and on a cluster.
MUST NOT be here: anything that loads a model, opens a socket, or knows how a request flows.
"""
