document.title = "app.js of the origin";
