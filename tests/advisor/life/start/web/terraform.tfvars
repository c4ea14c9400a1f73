shop = "https://shop.contoso.com/"
