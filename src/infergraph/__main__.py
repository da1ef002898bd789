"""`python -m infergraph` is the command `infergraph`."""

from infergraph.cli.main import main

main()
