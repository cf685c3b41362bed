// RepriseNode
