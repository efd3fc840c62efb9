"""Reading comprehension: which words of a passage answer a question, and how likely it is that they do.

`span_reader.load_reader` is the way in and returns a `protocol.Reader`; `calibration` turns its scores into a
probability. `network` is the neural network of the shipped reader and is imported only when it is loaded.
"""
