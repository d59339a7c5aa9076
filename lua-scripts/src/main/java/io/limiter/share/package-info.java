/**
 * A counter that tenants share: what each is guaranteed, and how the rest is lent. {@link
 * io.limiter.share.SharedLimit} is one tenant's limit.
 */
@NullMarked
package io.limiter.share;

import org.jspecify.annotations.NullMarked;
