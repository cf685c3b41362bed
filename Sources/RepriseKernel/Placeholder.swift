// RepriseKernel
