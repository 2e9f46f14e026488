//! Opening, creating and reopening; what a directory refuses; what the sweep deletes.
