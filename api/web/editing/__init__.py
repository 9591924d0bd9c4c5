"""Correcting in place: forms that send GraphQL's `apply`, for whoever is signed in with a key."""
