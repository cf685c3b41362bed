// RepriseJournal
