"""RelBench's tasks on Formula 1 (`rel-f1`): answer its questions under its own rule of time, and write its files.

Layers of the folder: `data` (its tables, and the one reader of the past), `tasks`, `features`, `learning`, and on top `protocol`, `run`,
`output`, `scores`.
"""
