//! Building, replacing and opening graphs.
