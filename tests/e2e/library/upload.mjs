// Uploads a file as tus-js-client does it, and goes on where an earlier run has broken off.

import { createReadStream } from "node:fs";
import { FileUrlStorage, Upload } from "tus-js-client";

const { endpoint, cookie, file, name, sha256, memory } = JSON.parse(process.argv[2]);

const upload = new Upload(createReadStream(file), {
    endpoint,
    headers: { Cookie: cookie },
    metadata: { filename: name, sha256 },
    urlStorage: new FileUrlStorage(memory),
    retryDelays: Array(100).fill(200),
    onSuccess: () => process.exit(0),
    onError: (error) => {
        console.error(String(error));
        process.exit(1);
    },
});
const [previous] = await upload.findPreviousUploads();
if (previous) upload.resumeFromPreviousUpload(previous);
upload.start();
