// types.mts - the same for an ES module.
import { check, type Finding } from 'edgefn';

export const findings: Finding[] = check({}, {});
