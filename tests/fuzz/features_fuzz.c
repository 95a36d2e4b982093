/* features_fuzz.c -- proves: whatever the bytes of a file of features (HDF5), reading them ends with
 * rows that keep their rules or with an error; never with a crash. */
