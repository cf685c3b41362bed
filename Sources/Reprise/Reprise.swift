// Users write `import Reprise` and mean its few shared nouns too: instance ids, failures, runtime statuses.
@_exported public import RepriseKernel
