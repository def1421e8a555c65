"""What is measured, against which limit."""
