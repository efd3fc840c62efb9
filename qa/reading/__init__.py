"""Reading comprehension: which words of a passage answer a question, and how likely it is that they do.

`loading.load_models` is the way in and returns `protocol.ReadingModels`: a reader, and a reranker where one is in use.
`calibration` turns their scores into a probability. `network` is the neural network of the shipped reader and is
imported only when it is loaded.
"""
