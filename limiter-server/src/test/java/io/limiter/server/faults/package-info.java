/** What goes wrong around the service, done to real processes under load. */
package io.limiter.server.faults;
