curl --user "$CDP_CLIENT_KEY:$CDP_API_TOKEN" \
  --header "Accept: application/json" \
  "https://service.example/v2/batches/inspect/00000000-0000-0000-0000-000000000000"
