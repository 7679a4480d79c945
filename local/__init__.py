"""The embedded AWS: moto plus what moto lacks, loaded with the synthesized templates."""
