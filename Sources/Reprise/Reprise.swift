// `import Reprise` also brings in the few nouns it shares: instance ids, failures, runtime statuses.
@_exported public import RepriseKernel
