import amqp from 'amqplib';
import { apply, remove } from './listings.mjs';

const connection = await amqp.connect(process.env.AMQP_URL);
connection.on('close', () => process.exit(1)); // Started again, it continues where it was.
const channel = await connection.createChannel();
await channel.prefetch(1);
const queue = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-delivery-limit': 1_000_000 };
await channel.assertQueue('website-node', { durable: true, arguments: queue });
for (const name of ['PhotosReady', 'PhotosRemoved']) {
  await channel.assertExchange(`ImagePipeline.Contracts:${name}`, 'fanout', { durable: true });
  await channel.bindQueue('website-node', `ImagePipeline.Contracts:${name}`, '');
}
await channel.consume('website-node', async (delivery) => {
  const { message, messageType } = JSON.parse(delivery.content);
  if (messageType.includes('urn:message:ImagePipeline.Contracts:PhotosReady')) await apply(message);
  else await remove(message);
  channel.ack(delivery);
});
