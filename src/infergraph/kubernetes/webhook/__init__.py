"""The validating webhook: a cluster refuses what `infergraph validate` refuses, with the same sentences.

`review` is the protocol and `judgement` the verdict, both pure; `server` answers over HTTPS. `rotation` decides about
the certificates, also pure, and `keeper` makes them, keeps them in a Secret, and tells the API server whom to trust.

MUST NOT be here: rules of what a good declaration is; they are the declaration's own.
"""
