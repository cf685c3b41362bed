// RepriseBroker
