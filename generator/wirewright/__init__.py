"""wirewright turns AsyncAPI documents and Markdown endpoint tables into typed Python WebSocket clients."""
