// What a page does beyond what the server wrote: nothing that it could not do without.
