/**
 * What somebody else's API says of its own limit: read from the headers of its responses. Knows no
 * client and no service, reads no clock but where it says so.
 */
@NullMarked
package io.limiter.client.upstream;

import org.jspecify.annotations.NullMarked;
