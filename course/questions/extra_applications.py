"""No question: nothing in this notebook is graded. The build asks every notebook for a module like this."""
