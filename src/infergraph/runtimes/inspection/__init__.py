"""What an artifact is, what it needs, and what is dangerous in it, told without loading it.

Belongs here: reading a format's own description of itself (opcodes, metadata, headers, members of a zip), comparing it
with what is installed, and the sentences about that. MUST NOT be here: importing a framework, unpickling, or anything
else that lets a file choose which code runs. Each reader takes a file that may be broken, huge or made by an attacker.
"""
