"""The vocabulary: frozen values that the floors exchange; imports only NumPy."""
