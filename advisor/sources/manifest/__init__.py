"""JSON documents: manifests, Graph responses, Teams manifests."""
