"""The tours of the labs, one module for each, by the name of the lab's own: texts and states."""
