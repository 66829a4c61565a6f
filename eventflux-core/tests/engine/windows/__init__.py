"""Windows held to a reference model that tells what each holds from the whole history."""
