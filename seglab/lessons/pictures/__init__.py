"""Pictures that explain a mechanism, one module for each lab that has one, and what they share."""
