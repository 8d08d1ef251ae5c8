import { vi } from 'vitest';

// Test files share a process. A clock that the file before has replaced must not stand still in this one.
vi.useRealTimers();
