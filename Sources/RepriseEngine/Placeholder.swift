// RepriseEngine
