"""The commands, one file each: they read what the user typed, call one function below, and print.

MUST NOT be here: anything that another program might want to call.
"""
