// RepriseHTTP
