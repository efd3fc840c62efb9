"""How the shipped reader weights and calibration are made; each module with a `main` is a command.

Start at `train_reader`: it trains a reader on a folder of question-answering sets. `average_weights` merges trained
readers and `fit_calibration` fits the confidence of an embedder and reader pair.
"""
