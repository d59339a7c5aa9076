package example.shop;

import io.limiter.client.spring.RateLimited;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Service;

@Service
class CheckoutService {

  @RateLimited(
      domain = "checkout",
      attributes = {"user=#user", "coupon=#coupon ?: 'none'"},
      cost = "#items.size()")
  CompletableFuture<String> checkOut(String user, String coupon, List<String> items) {
    return CompletableFuture.supplyAsync(() -> "bought " + items);
  }
}
