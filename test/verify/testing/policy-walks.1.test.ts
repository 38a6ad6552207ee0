import { walksWithEverythingOn } from './walks.ts';

walksWithEverythingOn(7);
