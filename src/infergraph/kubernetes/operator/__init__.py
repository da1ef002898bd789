"""The operator: keeps a cluster as the deployments in it declare.

Belongs here: what watches, plans, applies, prunes and reports. `plan`, `status` and everything that they use are pure.
MUST NOT be here: how an object looks (`kubernetes.objects` says so), and anything that `infergraph render` needs.
"""
