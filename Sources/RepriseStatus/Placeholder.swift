// RepriseStatus
