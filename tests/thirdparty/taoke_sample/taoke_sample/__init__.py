"""SampleMall, an invented shop, as a platform of taoke-bot."""
