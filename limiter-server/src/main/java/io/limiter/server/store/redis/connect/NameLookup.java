package io.limiter.server.store.redis.connect;

import io.lettuce.core.resource.Transports;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import java.net.InetSocketAddress;

/**
 * Looks a name up again for each connection. After a failover the name of the primary means another
 * host. Lettuce's own lookup is asked for each connection too, and answers from a cache for as long
 * as the record's TTL, which may be an hour.
 */
final class NameLookup {
  private NameLookup() {}

  static AddressResolverGroup<InetSocketAddress> uncached() {
    return uncached(DnsServerAddressStreamProviders.platformDefault());
  }

  static AddressResolverGroup<InetSocketAddress> uncached(DnsServerAddressStreamProvider servers) {
    return new DnsAddressResolverGroup(
        new DnsNameResolverBuilder()
            .datagramChannelType(Transports.datagramChannelClass())
            .socketChannelType(Transports.socketChannelClass().asSubclass(SocketChannel.class))
            .nameServerProvider(servers)
            .resolveCache(NoopDnsCache.INSTANCE)
            .cnameCache(NoopDnsCnameCache.INSTANCE));
  }
}
