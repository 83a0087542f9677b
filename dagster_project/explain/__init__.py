"""The life of one dossier, told from the published marts alone: on the terminal and as a sheet to print."""
