import { ServiceError } from '../../seams.ts';

export function badRequest(message: string): ServiceError {
  return new ServiceError('BadRequestException', message);
}

export function conflict(message: string): ServiceError {
  return new ServiceError('ConflictException', message, 409);
}

export function notFound(message: string): ServiceError {
  return new ServiceError('NotFoundException', message, 404);
}
