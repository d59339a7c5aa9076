/** The certificates that the service shows: their PEM files, read and checked. */
@NullMarked
package io.limiter.server.certificate;

import org.jspecify.annotations.NullMarked;
