/** The program as it ships, in processes of its own. */
package io.limiter.server.process;
